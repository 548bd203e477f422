# utf8proc: Debian ships its header and library without a CMake package.
#
#   UTF8PROC_FOUND, UTF8PROC_VERSION, target UTF8PROC::utf8proc
find_path(UTF8PROC_INCLUDE_DIR utf8proc.h)
find_library(UTF8PROC_LIBRARY utf8proc)

if(UTF8PROC_INCLUDE_DIR)
  file(STRINGS "${UTF8PROC_INCLUDE_DIR}/utf8proc.h" lines REGEX "#define UTF8PROC_VERSION_(MAJOR|MINOR|PATCH) ")
  list(TRANSFORM lines REPLACE ".* ([0-9]+)$" "\\1")
  list(JOIN lines "." UTF8PROC_VERSION)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(UTF8PROC
  REQUIRED_VARS UTF8PROC_LIBRARY UTF8PROC_INCLUDE_DIR
  VERSION_VAR UTF8PROC_VERSION)
mark_as_advanced(UTF8PROC_INCLUDE_DIR UTF8PROC_LIBRARY)

if(UTF8PROC_FOUND AND NOT TARGET UTF8PROC::utf8proc)
  add_library(UTF8PROC::utf8proc UNKNOWN IMPORTED)
  set_target_properties(UTF8PROC::utf8proc PROPERTIES
    IMPORTED_LOCATION "${UTF8PROC_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${UTF8PROC_INCLUDE_DIR}")
endif()
