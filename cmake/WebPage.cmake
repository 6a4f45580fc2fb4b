# gradus_web_page(SOURCE): builds web/ with npm's tools and sets SOURCE to the C++ file that embeds it; sets it
# empty, and says why, where that cannot be done. Packages are installed once, for each package-lock.json.
set(GRADUS_WEB_EMBED ${CMAKE_CURRENT_LIST_DIR}/EmbedAssets.cmake)

function(gradus_web_page source)
  set(${source} "" PARENT_SCOPE)
  set(web ${PROJECT_SOURCE_DIR}/web)
  find_program(NPM_PROGRAM npm)
  find_program(NODE_PROGRAM NAMES node nodejs)
  if(NOT NPM_PROGRAM OR NOT NODE_PROGRAM)
    message(STATUS "npm was not found: gradus board is left out (apt-get install npm)")
    return()
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${web}/package-lock.json)
  file(SHA256 ${web}/package-lock.json wanted)
  set(stamp ${web}/node_modules/.gradus-lock)
  set(installed "")
  if(EXISTS ${stamp})
    file(READ ${stamp} installed)
  endif()
  if(NOT installed STREQUAL wanted)
    message(STATUS "Installing the page's packages with npm")
    execute_process(COMMAND ${NPM_PROGRAM} ci --no-audit --no-fund --loglevel=error --fetch-retries=1 WORKING_DIRECTORY ${web}
                    RESULT_VARIABLE failed OUTPUT_QUIET ERROR_VARIABLE problem)
    if(failed)
      message(STATUS "npm ci failed in web/: gradus board is left out. ${problem}")
      return()
    endif()
    file(WRITE ${stamp} ${wanted})
  endif()

  file(GLOB inputs CONFIGURE_DEPENDS ${web}/src/*.ts ${web}/src/*/*.ts ${web}/src/*.css ${web}/src/*/*.css ${web}/public/* ${web}/*.json
       ${web}/build.mjs)
  set(dist ${CMAKE_BINARY_DIR}/web)
  set(embedded ${CMAKE_BINARY_DIR}/web/assets.cpp)
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
