/// Which characters ids and names are made of: PRECIS (RFC 8264).
#pragma once

#include <cstdint>

namespace klatch {

/// What RFC 8264 section 8 derives for a code point.
enum class precis_value : std::uint8_t {
  valid,      ///< PVALID: in ids and names
  free_only,  ///< ID_DIS or FREE_PVAL: in names
  joiner,     ///< CONTEXTJ: where a rule says so
  in_context, ///< CONTEXTO: where a rule says so
  disallowed, ///< DISALLOWED, or not assigned in this version of Unicode
};

precis_value derive(char32_t point);

} // namespace klatch
