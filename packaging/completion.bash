# bash completion for hintd: asks the program's own help for what may follow.
_hintd() {
  local word=${COMP_WORDS[COMP_CWORD]} path=() i
  case ${COMP_WORDS[COMP_CWORD - 1]} in
    --config | --data-dir | --out | --workload | --policy | --spec)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ ${COMP_WORDS[i]} == -* ]] && break
    path+=("${COMP_WORDS[i]}")
  done
  local help
  help=$(hintd "${path[@]}" --help 2>/dev/null) || return
  local words
  if [[ $word == -* ]]; then
    words=$(grep -oE -- '--[a-z][a-z-]*' <<<"$help")
  else
    words=$(sed -n '/^Subcommands:/,$ s/^  \([a-z][a-z-]*\).*/\1/p' <<<"$help")
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -o default -F _hintd hintd
