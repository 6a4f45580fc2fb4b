# What cmake --install writes, in components: program, mpi (what it loads for several processes), runtime (libgradus.so.N)
# and development.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(GRADUS_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/gradus)

# How users of libgradus.a find what it needs: the target here, as their project names it, how it gets there, and the
# flag for a linker. Headers alone need nothing.
set(GRADUS_STATIC_NEEDS
    "fmt::fmt|fmt::fmt|find_dependency(fmt 9)|-lfmt"
    "ZLIB::ZLIB|ZLIB::ZLIB|find_dependency(ZLIB)|-lz"
    "PNG::PNG|PNG::PNG|find_dependency(PNG)|-lpng"
    "JPEG::JPEG|JPEG::JPEG|find_dependency(JPEG)|-ljpeg"
    "Threads::Threads|Threads::Threads|find_dependency(Threads)|-pthread"
    "OpenMP::OpenMP_CXX|OpenMP::OpenMP_CXX|find_dependency(OpenMP)|-fopenmp"
    "protobuf::libprotobuf|protobuf::libprotobuf|find_dependency(Protobuf)|-lprotobuf"
    "DNNL::dnnl|gradus::dnnl|gradus_find_library(dnnl)|-ldnnl"
    "PkgConfig::HWY|gradus::hwy|gradus_find_library(hwy)|-lhwy"
    "${LAPACKE_LIBRARY}|gradus::lapacke|gradus_find_library(lapacke)|-llapacke"
    "${ONNX_PROTO_LIBRARY}|gradus::onnx_proto|gradus_find_library(onnx_proto)|-lonnx_proto"
    "nlohmann_json::nlohmann_json|||"
    "tomlplusplus::tomlplusplus|tomlplusplus::tomlplusplus|find_dependency(tomlplusplus)|-ltomlplusplus")
set(GRADUS_FIND_STATIC_NEEDS "")
set(GRADUS_LIBS_PRIVATE "")
foreach(need ${GRADUS_LIBRARY_NEEDS})
  set(known FALSE)
  foreach(row ${GRADUS_STATIC_NEEDS})
    string(REPLACE "|" ";" row "${row}")
    list(GET row 0 here)
    if(NOT here STREQUAL need)
      continue()
    endif()
    set(known TRUE)
    list(GET row 1 there)
    if(there)
      list(GET row 2 find)
      list(GET row 3 flag)
      string(APPEND GRADUS_FIND_STATIC_NEEDS "  ${find}\n")
      string(APPEND GRADUS_LIBS_PRIVATE " ${flag}")
      target_link_libraries(gradus_static INTERFACE $<INSTALL_INTERFACE:$<LINK_ONLY:${there}>>)
    endif()
  endforeach()
  if(NOT known)
    message(FATAL_ERROR "cmake/Install.cmake: the library links ${need}; add a row that says how its users find it.")
  endif()
endforeach()

# Which parts this build has.
set(GRADUS_COMPONENTS core)
foreach(part onnx board)
  if(TARGET gradus_${part})
    list(APPEND GRADUS_COMPONENTS ${part})
  endif()
endforeach()
# The program loads MPI as a module, from this folder beside the one it lies in.
get_property(GRADUS_MODULES GLOBAL PROPERTY GRADUS_MPI_MODULES)
if(GRADUS_MODULES)
  list(APPEND GRADUS_COMPONENTS mpi)
  install(TARGETS ${GRADUS_MODULES} LIBRARY DESTINATION lib/gradus COMPONENT mpi)
endif()

# Libraries and headers.
foreach(kind static shared)
  set_target_properties(gradus_${kind} PROPERTIES EXPORT_NAME ${kind})
  target_include_directories(gradus_${kind} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  install(TARGETS gradus_${kind} EXPORT gradus_${kind}
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development
          LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime NAMELINK_COMPONENT development)
  install(EXPORT gradus_${kind} NAMESPACE gradus:: FILE gradus-${kind}.cmake DESTINATION ${GRADUS_CMAKE_DIR}
          COMPONENT development)
endforeach()
install(DIRECTORY include/gradus DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development
        FILES_MATCHING PATTERN "*.h")

# find_package(gradus), and pkg-config. While the major version is 0, another minor version is another interface.
set(compatibility SameMajorVersion)
if(PROJECT_VERSION_MAJOR EQUAL 0)
  set(compatibility SameMinorVersion)
endif()
set(package ${PROJECT_BINARY_DIR}/package)
configure_package_config_file(cmake/gradus-config.cmake.in ${package}/gradus-config.cmake
                              INSTALL_DESTINATION ${GRADUS_CMAKE_DIR} PATH_VARS CMAKE_INSTALL_BINDIR
                              NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${package}/gradus-config-version.cmake COMPATIBILITY ${compatibility})
install(FILES ${package}/gradus-config.cmake ${package}/gradus-config-version.cmake DESTINATION ${GRADUS_CMAKE_DIR}
        COMPONENT development)
# Relative to the file itself, so that the whole tree can be moved.
file(RELATIVE_PATH GRADUS_PREFIX_FROM_PC /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" GRADUS_PREFIX_FROM_PC "${GRADUS_PREFIX_FROM_PC}")
foreach(name gradus gradus-static)
  configure_file(cmake/${name}.pc.in ${package}/${name}.pc @ONLY)
  install(FILES ${package}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
endforeach()

# The program, its man pages and its completions.
if(TARGET gradus_cli)
  install(TARGETS gradus_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
  set(GRADUS_ZSH_DIR share/zsh/site-functions CACHE STRING "Where completions of zsh are installed")
  set(manual ${PROJECT_BINARY_DIR}/manual)
  install(DIRECTORY ${manual}/man1 DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT program)
  install(FILES ${manual}/gradus.bash DESTINATION share/bash-completion/completions RENAME gradus COMPONENT program)
  install(FILES ${manual}/_gradus DESTINATION ${GRADUS_ZSH_DIR} COMPONENT program)
  install(FILES ${manual}/gradus.fish DESTINATION share/fish/vendor_completions.d COMPONENT program)
endif()
install(FILES LICENSE README.md CHANGELOG.md docs/compatibility.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)

if(NOT TARGET uninstall)
  add_custom_target(uninstall COMMAND ${CMAKE_COMMAND} -DBUILD=${CMAKE_BINARY_DIR}
                                      -P ${CMAKE_CURRENT_LIST_DIR}/Uninstall.cmake VERBATIM)
endif()
