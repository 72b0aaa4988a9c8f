# The dashboard's page: built by npm from dashboard/web, compressed, and compiled into the program.

option(HINTD_WEB "build the dashboard's page; needs nodejs, npm, and once a network" ON)

function(hintd_web target)
  set(source ${CMAKE_SOURCE_DIR}/dashboard/web)
  set(work ${CMAKE_BINARY_DIR}/web)
  set(bytes ${work}/assets.cpp)
  if(NOT HINTD_WEB)
    file(WRITE ${bytes} "#include \"dashboard/assets.h\"\n\nnamespace hintd::dashboard {\n"
                        "std::span<const Asset> assets() { return {}; }\n}\n")
    target_sources(${target} PRIVATE ${bytes})
    return()
  endif()
  find_program(NPM npm)
  find_program(NODE NAMES node nodejs)
  if(NOT NPM OR NOT NODE)
    message(FATAL_ERROR "the dashboard's page is built with nodejs and npm, and one is missing: "
                        "run scripts/install-deps, or configure with -DHINTD_WEB=OFF")
  endif()
  file(GLOB_RECURSE page CONFIGURE_DEPENDS ${source}/src/*)
  list(APPEND page ${source}/index.html ${source}/package.json ${source}/package-lock.json
       ${source}/vite.config.ts ${source}/tsconfig.json ${source}/embed.mjs)
  add_custom_command(
    OUTPUT ${bytes}
    COMMAND ${CMAKE_SOURCE_DIR}/scripts/build-web ${source} ${work}
    DEPENDS ${page} ${CMAKE_SOURCE_DIR}/scripts/build-web
    COMMENT "building the dashboard's page"
    VERBATIM)
  target_sources(${target} PRIVATE ${bytes})
endfunction()
