/// Which libraries this build has of those that it may be without: with `KLATCH_CLUSTER=OFF` it has
/// neither PostgreSQL's nor that of NATS.
#pragma once

#include <cstdint>
#include <string_view>

namespace klatch::app {

enum class cluster_library : std::uint8_t { postgres, nats };

/// Throws `config_error` if this build is without it. `before` is what the sentence begins with,
/// such as the name of a setting.
void require_built(cluster_library which, std::string_view before = {});

/// What this build is without, for the line of versions: begins with a comma, or is empty.
std::string_view missing_libraries() noexcept;

} // namespace klatch::app
