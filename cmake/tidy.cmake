# For script/tidy: the sources of several targets in one batch, as the headers of CAF, Boost and OpenSSL take longer to
# look at than what includes them.
#
# klatch_judge_together(NAME TARGET…): the targets are of one directory, and no two of their sources give one name to
# different things.
function(klatch_judge_together name)
  set(sources)
  set(library judged_${name})
  foreach(target IN LISTS ARGN)
    get_target_property(own ${target} SOURCES)
    list(APPEND sources ${own})
    set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
  endforeach()
  list(REMOVE_DUPLICATES sources)
  add_library(${library} OBJECT EXCLUDE_FROM_ALL ${sources})
  foreach(target IN LISTS ARGN)
    target_include_directories(${library} PRIVATE $<TARGET_PROPERTY:${target},INCLUDE_DIRECTORIES>)
    target_compile_definitions(${library} PRIVATE $<TARGET_PROPERTY:${target},COMPILE_DEFINITIONS>)
  endforeach()
  target_link_libraries(${library} PRIVATE klatch_flags)
endfunction()
