# libnats: its own CMake package names a static library that Debian does not ship, and fails there.
#
#   CNats_FOUND, CNats_VERSION, target CNats::nats
find_path(CNATS_INCLUDE_DIR nats/nats.h)
find_library(CNATS_LIBRARY nats)
mark_as_advanced(CNATS_INCLUDE_DIR CNATS_LIBRARY)

if(CNATS_INCLUDE_DIR)
  file(STRINGS ${CNATS_INCLUDE_DIR}/nats/version.h CNats_VERSION REGEX "define NATS_VERSION_STRING")
  string(REGEX REPLACE ".*\"([0-9.]+).*" "\\1" CNats_VERSION "${CNats_VERSION}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CNats REQUIRED_VARS CNATS_LIBRARY CNATS_INCLUDE_DIR VERSION_VAR CNats_VERSION)

if(CNats_FOUND AND NOT TARGET CNats::nats)
  add_library(CNats::nats UNKNOWN IMPORTED)
  set_target_properties(CNats::nats PROPERTIES
    IMPORTED_LOCATION ${CNATS_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${CNATS_INCLUDE_DIR})
endif()
