/// The page's files as requests are answered with them.
#pragma once

#include "net/http/assets.hpp"
#include "net/http/router.hpp"

namespace klatch::net {

/// The row that answers every path: with the file of that name, or 404. `assets` outlives it.
route site_route(const asset_source& assets);

} // namespace klatch::net
