# libjwt: Debian ships its header and library without a CMake package.
#
#   LibJWT_FOUND, target LibJWT::jwt
find_path(LIBJWT_INCLUDE_DIR jwt.h)
find_library(LIBJWT_LIBRARY jwt)
mark_as_advanced(LIBJWT_INCLUDE_DIR LIBJWT_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibJWT REQUIRED_VARS LIBJWT_LIBRARY LIBJWT_INCLUDE_DIR)

if(LibJWT_FOUND AND NOT TARGET LibJWT::jwt)
  add_library(LibJWT::jwt UNKNOWN IMPORTED)
  set_target_properties(LibJWT::jwt PROPERTIES
    IMPORTED_LOCATION ${LIBJWT_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${LIBJWT_INCLUDE_DIR})
endif()
