# A room is a top-level folder and one library. Its headers are seen only by rooms that link it: each
# room has an include root of its own, which holds nothing but a link to its folder.

option(HINTD_TESTS "build the tests" ON)
set(HINTD_SANITIZE "" CACHE STRING "comma-separated sanitizers for our own code, e.g. address,undefined")

add_library(hintd_flags INTERFACE)
# g++ 12 takes `const char* + std::string` for overlapping copies at -O2 (its bug 105651).
target_compile_options(hintd_flags INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Werror
                                             -Wno-restrict)
target_link_libraries(hintd_flags INTERFACE Threads::Threads)
if(HINTD_SANITIZE)
  target_compile_options(hintd_flags INTERFACE -fsanitize=${HINTD_SANITIZE} -fno-omit-frame-pointer -g)
  target_link_options(hintd_flags INTERFACE -fsanitize=${HINTD_SANITIZE})
endif()

function(hintd_include_root target folder)
  set(root ${CMAKE_BINARY_DIR}/rooms/${folder})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/${folder} ${root}/${folder} SYMBOLIC)
  target_include_directories(${target} PUBLIC ${root})
endfunction()

function(hintd_link target)
  cmake_parse_arguments(ARG "" "" "ROOMS;VENDORS" ${ARGN})
  foreach(room ${ARG_ROOMS})
    target_link_libraries(${target} PUBLIC hintd_${room})
  endforeach()
  foreach(vendor ${ARG_VENDORS})
    target_link_libraries(${target} PUBLIC hintd_vendor_${vendor})
  endforeach()
  target_link_libraries(${target} PRIVATE hintd_flags)
endfunction()

function(hintd_room folder)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cpp)
  if(NOT sources)
    set(sources ${CMAKE_SOURCE_DIR}/cmake/empty.cpp)
  endif()
  add_library(hintd_${folder} STATIC ${sources})
  hintd_include_root(hintd_${folder} ${folder})
  hintd_link(hintd_${folder} ${ARGN})
endfunction()

function(hintd_program name folder)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cpp)
  add_executable(${name} ${sources})
  hintd_include_root(${name} ${folder})
  hintd_link(${name} ${ARGN})
endfunction()
