# SPDX-License-Identifier: MIT
# Writes manyhands_version.hpp with the project's version and the commit that is checked out.
# Included by the build, it adds the target manyhands_version; run by it as a script, it writes.
if(CMAKE_SCRIPT_MODE_FILE)
    cmake_minimum_required(VERSION 3.25)
    execute_process(COMMAND git -C ${SOURCE} rev-parse --short=12 HEAD
        OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
    if(failed)
        set(commit unknown)
    endif()
    file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT
        "#pragma once\nnamespace manyhands::built {\ninline constexpr char version[] = \"@VERSION@\";\ninline constexpr char commit[] = \"@commit@\";\n}\n")
    return()
endif()
set(manyhands_generated ${PROJECT_BINARY_DIR}/generated)
set(manyhands_version_header ${manyhands_generated}/manyhands_version.hpp)
add_custom_target(manyhands_version BYPRODUCTS ${manyhands_version_header}
    COMMAND ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DVERSION=${PROJECT_VERSION}
        -DOUTPUT=${manyhands_version_header} -P ${CMAKE_CURRENT_LIST_FILE} VERBATIM)
