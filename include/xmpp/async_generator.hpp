#pragma once

#include <xmpp/error.hpp>
#include <xmpp/task.hpp>

namespace xmpp {
template <class T> class async_generator;
}
