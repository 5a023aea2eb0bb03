-- Debug container builds with nvim-dap: require this from init.lua, or put it into after/plugin.
-- In a Dockerfile :DapContinue, choose, and :DapStepOver, :DapStepInto, :DapStepOut; :lua require('dap').step_back() goes back.
-- In its REPL (:DapToggleRepl) what begins with a dot is nvim-dap's, all else bktui's: here, env, files, exec for a shell.

local dap = require('dap')

dap.adapters.bktui = {
  type = 'executable',
  command = 'bktui',
  args = { 'dap', 'build' },
  -- The end of a build takes as long as the step that runs.
  options = { initialize_timeout_sec = 60, disconnect_timeout_sec = 30 },
}

dap.configurations.dockerfile = {
  {
    type = 'bktui',
    request = 'launch',
    name = 'bktui: this Dockerfile, from its first step',
    dockerfile = '${file}',
    contextPath = '${workspaceFolder}',
    stopOnEntry = true,
  },
  {
    type = 'bktui',
    request = 'launch',
    name = 'bktui: this Dockerfile, to a breakpoint or failure',
    dockerfile = '${file}',
    contextPath = '${workspaceFolder}',
  },
}

-- Shells of steps open here.
dap.defaults.bktui.terminal_win_cmd = 'belowright new'
