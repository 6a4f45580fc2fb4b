# Uninstalls, and fails if anything is left.
execute_process(COMMAND ${CMAKE_COMMAND} --build ${PROJECT} --target uninstall COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
file(GLOB_RECURSE left ${TREE}/*)
if(left)
  message(FATAL_ERROR "uninstall left: ${left}")
endif()
file(REMOVE_RECURSE ${TREE})
