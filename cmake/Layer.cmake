# Compile options shared by every target of the project.
add_library(gradus_options INTERFACE)
# clang's -Wshadow also minds enumerators named like functions (OpDef::input), which is harmless.
target_compile_options(gradus_options INTERFACE -Wall -Wextra -Wpedantic $<$<CXX_COMPILER_ID:GNU>:-Wshadow>
                       $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)  # false alarms on variants in g++ 12
if(GRADUS_WERROR)
  target_compile_options(gradus_options INTERFACE -Werror)
endif()
if(GRADUS_SANITIZE)
  target_compile_options(gradus_options INTERFACE -fsanitize=${GRADUS_SANITIZE} -fno-sanitize-recover=all
                         -fno-omit-frame-pointer -O1 -g1)
  target_link_options(gradus_options INTERFACE -fsanitize=${GRADUS_SANITIZE})
endif()
if(GRADUS_FUZZ)
  # What an input reaches is seen in the whole library.
  target_compile_options(gradus_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(GRADUS_FUZZ OR GRADUS_SANITIZE STREQUAL "thread")
  # Kernels are not what is looked at: the oldest instruction set, which compiles soonest.
  target_compile_definitions(gradus_options INTERFACE HWY_COMPILE_ONLY_STATIC)
elseif(GRADUS_SANITIZE)
  # One instruction set less: kernels take minutes to compile here.
  target_compile_definitions(gradus_options INTERFACE HWY_DISABLED_TARGETS=HWY_SSSE3)
endif()

# gradus_layer(NAME USES layers... [LIBRARIES libs...]): one static library a folder under src/.
# Every .cpp file of the folder belongs to it, so a new op is one new file.
function(gradus_layer name)
  cmake_parse_arguments(ARG "" "" "USES;LIBRARIES;SOURCES" ${ARGN})
  if(NOT ARG_SOURCES)
    file(GLOB_RECURSE ARG_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  endif()
  if(NOT ARG_SOURCES)
    message(WARNING "src/${name} has no sources yet")
    file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/empty.cpp "")
    set(ARG_SOURCES ${CMAKE_CURRENT_BINARY_DIR}/empty.cpp)
  endif()
  list(TRANSFORM ARG_USES PREPEND gradus_)
  add_library(gradus_${name} STATIC ${ARG_SOURCES})
  if(NOT GRADUS_SANITIZE AND NOT GRADUS_FUZZ)
    # Public headers say what libgradus.so shows. Builds with sanitizers make no such library.
    set_target_properties(gradus_${name} PROPERTIES CXX_VISIBILITY_PRESET hidden)
  endif()
  target_include_directories(gradus_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include
                             PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(gradus_${name} PUBLIC ${ARG_USES} PRIVATE gradus_options ${ARG_LIBRARIES})
endfunction()
