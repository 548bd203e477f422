/// What klatch does besides serving: keys and tokens.
#pragma once

#include <optional>

namespace klatch::app {

/// Does what the first word of the command line asks for, if it is one of `tool_names`, and returns
/// the exit status: 0 done, 1 the token is not accepted, 2 it cannot be done. Nothing: it asks for
/// none of them.
std::optional<int> run_tool(int argc, const char* const* argv);

} // namespace klatch::app
