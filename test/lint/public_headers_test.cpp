// The public headers were compiled one by one for this program; that they did is the test.
int main() {}
