# SPDX-License-Identifier: MIT
# Installs the engine as a package: find_package(Manyhands), target Manyhands::engine, <manyhands.hpp>.
include(CMakePackageConfigHelpers)
set(manyhands_package ${CMAKE_INSTALL_LIBDIR}/cmake/Manyhands)
set_target_properties(manyhands_engine PROPERTIES EXPORT_NAME engine)
install(TARGETS manyhands_engine EXPORT ManyhandsTargets COMPONENT engine)
install(EXPORT ManyhandsTargets NAMESPACE Manyhands:: DESTINATION ${manyhands_package} COMPONENT engine)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/engine DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/manyhands
    COMPONENT engine FILES_MATCHING PATTERN *.hpp PATTERN manyhands.hpp EXCLUDE)
install(FILES ${PROJECT_SOURCE_DIR}/engine/manyhands.hpp
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/manyhands COMPONENT engine)
configure_package_config_file(${PROJECT_SOURCE_DIR}/resources/cmake/ManyhandsConfig.cmake.in
    ${PROJECT_BINARY_DIR}/package/ManyhandsConfig.cmake INSTALL_DESTINATION ${manyhands_package})
# Before 1.0, programs fit the minor version that they were built with.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/ManyhandsConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/package/ManyhandsConfig.cmake
        ${PROJECT_BINARY_DIR}/package/ManyhandsConfigVersion.cmake
        ${PROJECT_SOURCE_DIR}/resources/cmake/embed.cmake
    DESTINATION ${manyhands_package} COMPONENT engine)
