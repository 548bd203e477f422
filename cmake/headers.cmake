# Compiles every header of the layers alone, so that none leans on what its includers bring. Target: headers.
#
# As Seastar's cmake/CheckHeaders.cmake does: a source for each header that includes that one and nothing else.
function(klatch_check_headers layer library)
  file(GLOB_RECURSE headers RELATIVE ${CMAKE_SOURCE_DIR} CONFIGURE_DEPENDS ${layer}/*.hpp)
  set(sources)
  foreach(header IN LISTS headers)
    set(source ${CMAKE_CURRENT_BINARY_DIR}/headers/${header}.cpp)
    file(CONFIGURE OUTPUT ${source} CONTENT "#include \"${header}\" // IWYU pragma: keep\n")
    list(APPEND sources ${source})
  endforeach()
  add_library(headers_${layer} OBJECT EXCLUDE_FROM_ALL ${sources})
  target_link_libraries(headers_${layer} PRIVATE ${library} ${ARGN})
  set_target_properties(headers_${layer} PROPERTIES UNITY_BUILD OFF)
  add_dependencies(headers headers_${layer})
endfunction()

add_custom_target(headers)
klatch_check_headers(messages klatch_messages)
klatch_check_headers(store klatch_store)
klatch_check_headers(actors klatch_actors spdlog::spdlog)
klatch_check_headers(net klatch_net spdlog::spdlog)
klatch_check_headers(app klatch_app CLI11::CLI11 spdlog::spdlog)
