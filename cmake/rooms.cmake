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
  list(REMOVE_ITEM sources ${CMAKE_SOURCE_DIR}/${folder}/main.cpp)
  list(FILTER sources EXCLUDE REGEX "/learning/torch/")  # a library of its own, below
  if(NOT sources)
    set(sources ${CMAKE_SOURCE_DIR}/cmake/empty.cpp)
  endif()
  add_library(hintd_${folder} STATIC ${sources})
  hintd_include_root(hintd_${folder} ${folder})
  hintd_link(hintd_${folder} ${ARGN})
endfunction()

# LibTorch and what needs it, loaded by the learning room at run time (learning/agent/network_arithmetic.h).
# It brings its own copy of the few sources it calls.
function(hintd_torch_library)
  add_library(hintd_torch MODULE learning/torch/network.cpp learning/agent/network_layout.cpp
              core/rng.cpp core/check.cpp)
  set_target_properties(hintd_torch PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  target_include_directories(hintd_torch PRIVATE
    $<TARGET_PROPERTY:hintd_learning,INTERFACE_INCLUDE_DIRECTORIES>)
  target_link_libraries(hintd_torch PRIVATE hintd_vendor_torch hintd_flags)
  add_dependencies(hintd_learning hintd_torch)
endfunction()

# A room that is run: its main() is in main.cpp, which is not part of its library.
function(hintd_program name folder)
  add_executable(${name} ${CMAKE_SOURCE_DIR}/${folder}/main.cpp)
  hintd_link(${name} ROOMS ${folder})
endfunction()
