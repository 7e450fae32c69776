# SPDX-License-Identifier: MIT
# manyhands_embed(TARGET ROOT FILE...): builds files below ROOT into TARGET, so that a program
# carries the texts and sources that it shows. Each becomes an entry of
# manyhands::embedded_files(), with a SHA-256 that a test compares with the file.
#
# manyhands_add_program(NAME SOURCE... [TEXT FILE.md]): an executable built on the engine that
# carries its sources, and FILE.md as the text of its guide, wherever it is copied to.
if(CMAKE_SCRIPT_MODE_FILE)
    cmake_minimum_required(VERSION 3.25)
    set(entries "")
    string(REPLACE "|" ";" FILES "${FILES}")
    foreach(file IN LISTS FILES)
        file(READ ${ROOT}/${file} text)
        file(SHA256 ${ROOT}/${file} hash)
        # A literal may not exceed 64 KiB everywhere, and none of our texts comes near it.
        string(APPEND entries "    {\"${file}\", \"${hash}\", R\"~~mh~~(${text})~~mh~~\"},\n")
    endforeach()
    file(WRITE ${OUTPUT} "// Made by resources/cmake/embed.cmake.\n#include \"engine/program/embedded_files.hpp\"\n
namespace manyhands {\nnamespace {\nconstexpr EmbeddedFile files[] = {\n${entries}};\n}\n
std::span<const EmbeddedFile> embedded_files() { return files; }\n} // namespace manyhands\n")
    return()
endif()
set(manyhands_embed_script ${CMAKE_CURRENT_LIST_FILE})
function(manyhands_embed target root)
    set(files ${ARGN})
    list(TRANSFORM files PREPEND ${root}/ OUTPUT_VARIABLE inputs)
    set(output ${PROJECT_BINARY_DIR}/generated/${target}_embedded_files.cpp)
    list(JOIN files "|" joined)
    add_custom_command(OUTPUT ${output} DEPENDS ${inputs} ${manyhands_embed_script}
        COMMAND ${CMAKE_COMMAND} -DROOT=${root} "-DFILES=${joined}" -DOUTPUT=${output}
            -P ${manyhands_embed_script} VERBATIM)
    target_sources(${target} PRIVATE ${output})
endfunction()

function(manyhands_add_program name)
    cmake_parse_arguments(PARSE_ARGV 1 ARG "" "TEXT" "")
    add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
    target_link_libraries(${name} PRIVATE Manyhands::engine)
    manyhands_embed(${name} ${CMAKE_CURRENT_SOURCE_DIR} ${ARG_UNPARSED_ARGUMENTS} ${ARG_TEXT})
    # So are its lines named in a run, which then does not say where the program was built.
    target_compile_options(${name} PRIVATE -fmacro-prefix-map=${CMAKE_CURRENT_SOURCE_DIR}/=)
endfunction()
