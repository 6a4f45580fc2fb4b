# Debian packages, by cpack -G DEB: gradus (the program), libgradusN (the shared library), libgradus-dev, and gradus-mpi where
# there is an MPI.
# scripts/package.sh makes and tries them.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME gradus)
set(CPACK_PACKAGE_VENDOR Gradus)
set(CPACK_PACKAGE_CONTACT "The Gradus maintainers <gradus@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "trains neural networks on CPUs and shows every gradient")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL runtime development)
if(TARGET gradus_cli)
  list(APPEND CPACK_COMPONENTS_ALL program)
endif()
if(GRADUS_MODULES)
  list(APPEND CPACK_COMPONENTS_ALL mpi)
endif()
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_LIBRARY_OUTPUT_DIRECTORY})
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_DEBUGINFO_PACKAGE OFF)

set(text "Gradus trains neural networks in C++ on CPUs. A network is a graph, its gradient is more graph, and a\ncompiler makes one lean program of both; every gradient can be printed, drawn and checked.\n.\n")

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME gradus)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS "dataset-fashion-mnist")
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION "${CPACK_PACKAGE_DESCRIPTION_SUMMARY}\n${text}This package has the program gradus.")

set(CPACK_DEBIAN_MPI_PACKAGE_NAME gradus-mpi)
set(CPACK_DEBIAN_MPI_PACKAGE_SECTION science)
set(CPACK_DEBIAN_MPI_PACKAGE_DEPENDS "gradus (= ${PROJECT_VERSION})")
set(CPACK_COMPONENT_MPI_DESCRIPTION "${CPACK_PACKAGE_DESCRIPTION_SUMMARY} (MPI)\n${text}This package lets the program train on several processes.")

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME libgradus${GRADUS_ABI})
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA ${PROJECT_BINARY_DIR}/package/triggers)
file(WRITE ${PROJECT_BINARY_DIR}/package/triggers "activate-noawait ldconfig\n")
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "${CPACK_PACKAGE_DESCRIPTION_SUMMARY} (shared library)\n${text}This package has the shared library.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libgradus-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libgradus${GRADUS_ABI} (= ${PROJECT_VERSION})")
# Only libgradus.a needs them.
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS
    "libdnnl-dev, libhwy-dev, libfmt-dev, zlib1g-dev, libpng-dev, libjpeg62-turbo-dev, liblapacke-dev, libtomlplusplus-dev, libonnx-dev, libprotobuf-dev")
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "${CPACK_PACKAGE_DESCRIPTION_SUMMARY} (development files)\n${text}This package has the headers, the static library, and what CMake and pkg-config read.")

set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/DebianFiles.cmake)
set(CPACK_GRADUS_SOURCE ${PROJECT_SOURCE_DIR})
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
                                                WORLD_READ WORLD_EXECUTE)
include(CPack)
