# sr_module(<name> SOURCES <file>... [DEPS <target>...])  a static library sr_<name>
# sr_test(<name> DEPS <target>...)                        spec/c/<name>_test.c as a cmocka program, run by ctest

add_library(sr_flags INTERFACE)
target_compile_features(sr_flags INTERFACE c_std_11)
target_compile_definitions(sr_flags INTERFACE _GNU_SOURCE SCALERUN_VERSION="${PROJECT_VERSION}")
target_compile_options(sr_flags INTERFACE -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -fno-omit-frame-pointer $<$<BOOL:${SCALERUN_WERROR}>:-Werror>)
target_include_directories(sr_flags INTERFACE "${CMAKE_SOURCE_DIR}/include")
if(SCALERUN_SANITIZE)
  target_compile_options(sr_flags INTERFACE -fsanitize=${SCALERUN_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(sr_flags INTERFACE -fsanitize=${SCALERUN_SANITIZE})
endif()

function(sr_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS")
  add_library(sr_${name} STATIC ${arg_SOURCES})
  target_include_directories(sr_${name} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
  target_link_libraries(sr_${name} PUBLIC sr_flags ${arg_DEPS})
endfunction()

function(sr_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS")
  add_executable(${name}_test "${CMAKE_SOURCE_DIR}/spec/c/${name}_test.c" ${arg_SOURCES})
  target_include_directories(${name}_test PRIVATE "${CMAKE_SOURCE_DIR}/spec/c" "${CMAKE_CURRENT_SOURCE_DIR}")
  target_link_libraries(${name}_test PRIVATE sr_flags ${arg_DEPS} PkgConfig::CMOCKA)
  add_test(NAME ${name} COMMAND ${name}_test)
  set_tests_properties(${name} PROPERTIES TIMEOUT 120 LABELS c)
endfunction()
