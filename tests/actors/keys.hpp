/// Keys as tests write them.
#pragma once

#include "messages/ids.hpp"

namespace klatch::actors {

/// The key of a user; both ids have to be valid.
inline user_key user(const char* id, const char* project = "p") {
  return {project_id::parse(project).value(), user_id::parse(id).value()};
}

} // namespace klatch::actors
