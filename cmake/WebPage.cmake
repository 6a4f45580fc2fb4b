# gradus_web_page(SOURCE): builds web/ with npm's tools and sets SOURCE to the C++ file that embeds it; sets it
# empty, and says why, where that cannot be done.
include(${CMAKE_CURRENT_LIST_DIR}/NpmPackages.cmake)
set(GRADUS_WEB_EMBED ${CMAKE_CURRENT_LIST_DIR}/EmbedAssets.cmake)

function(gradus_web_page source)
  set(${source} "" PARENT_SCOPE)
  set(web ${PROJECT_SOURCE_DIR}/web)
  gradus_npm_packages(${web} installed)
  if(NOT installed)
    message(STATUS "gradus board is left out: ${installed_PROBLEM}")
    return()
  endif()

  file(GLOB inputs CONFIGURE_DEPENDS ${web}/src/*.ts ${web}/src/*/*.ts ${web}/src/*.css ${web}/src/*/*.css ${web}/public/* ${web}/*.json
       ${web}/build.mjs)
  set(dist ${PROJECT_BINARY_DIR}/web)
  set(embedded ${PROJECT_BINARY_DIR}/web/assets.cpp)
  add_custom_command(
    OUTPUT ${embedded}
    COMMAND ${NODE_PROGRAM} node_modules/typescript/bin/tsc --noEmit
    COMMAND ${NODE_PROGRAM} build.mjs ${dist}/dist
    COMMAND ${CMAKE_COMMAND} -DDIST=${dist}/dist -DOUTPUT=${embedded} -P ${GRADUS_WEB_EMBED}
    WORKING_DIRECTORY ${web}
    DEPENDS ${inputs} ${GRADUS_WEB_EMBED}
    COMMENT "Building the page of gradus board"
    VERBATIM)
  set(${source} ${embedded} PARENT_SCOPE)
endfunction()
