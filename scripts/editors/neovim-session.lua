-- A build debugged by nvim-dap, and what was seen: what is seen goes to the file $REPORT, and the exit code says whether it was all.
local report = assert(io.open(vim.env.REPORT, 'w'))

local function tell(line)
  report:write(line, '\n')
  report:flush()
end

local function show(title, lines)
  tell('== ' .. title)
  for _, line in ipairs(lines) do
    if line ~= '' then
      tell('   ' .. line)
    end
  end
end

local function buffer_lines(pattern)
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_get_name(buffer):find(pattern) or vim.bo[buffer].filetype == pattern then
      return vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
    end
  end
  return {}
end

local function await(what, test)
  if vim.wait(30000, test, 20) then
    tell('-- ' .. what)
    return
  end
  tell('NEVER SEEN: ' .. what)
  show('REPL', buffer_lines('dap%-repl'))
  show('messages', vim.split(vim.fn.execute('messages'), '\n'))
  vim.cmd('cquit 1')
end

local function session()
  local dap = require('dap')
  local stops = 0
  dap.listeners.after.event_stopped['seen'] = function()
    stops = stops + 1
  end
  local function stopped_at(line)
    return function()
      local now = dap.session()
      return now ~= nil and now.current_frame ~= nil and now.stopped_thread_id ~= nil and now.current_frame.line == line
    end
  end
  local function typed(text, pattern)
    local before = #buffer_lines('dap-repl')
    require('dap.repl').execute(text)
    await(text .. ' answers ' .. pattern, function()
      local lines = buffer_lines('dap-repl')
      return table.concat(lines, '\n', math.min(before, #lines) + 1):find(pattern) ~= nil
    end)
  end
  local function run(config)
    dap.run(config)
  end

  vim.cmd('edit Dockerfile')
  vim.api.nvim_win_set_cursor(0, { 3, 0 })
  dap.toggle_breakpoint()
  dap.repl.open()
  run(vim.tbl_extend('force', dap.configurations.dockerfile[1], { dockerfile = vim.fn.getcwd() .. '/Dockerfile' }))
  await('stopped in line 1', stopped_at(1))
  show('signs', vim.tbl_map(function(each)
    return each.name .. ' ' .. each.lnum
  end, vim.fn.sign_getplaced(vim.fn.bufnr('Dockerfile'), { group = '*' })[1].signs))
  dap.continue()
  await('stopped at the breakpoint in line 3', stopped_at(3))
  local frames = {}
  for _, frame in ipairs(dap.session().threads[dap.session().stopped_thread_id].frames) do
    table.insert(frames, frame.name .. ' :' .. frame.line)
  end
  show('stack', frames)
  local before = stops
  dap.step_over()
  await('next', function()
    return stops > before and dap.session().current_frame ~= nil and dap.session().current_frame.name:find('end of stage')
  end)
  before = stops
  dap.step_back()
  await('step back', function()
    return stops > before and stopped_at(3)() and dap.session().current_frame.name:find('RUN echo') ~= nil
  end)
  await('scopes', function()
    local scopes = dap.session().current_frame.scopes
    return scopes ~= nil and next(scopes[1].variables or {}) ~= nil
  end)
  local names = {}
  for _, scope in ipairs(dap.session().current_frame.scopes) do
    local values = {}
    for _, each in pairs(scope.variables or {}) do
      table.insert(values, each.name .. '=' .. each.value)
    end
    table.sort(values)
    table.insert(names, scope.name .. ': ' .. table.concat(values, ' '):sub(1, 120))
  end
  show('scopes', names)
  typed('env GREETING', 'hello')
  dap.continue()
  await('where the build really is', function()
    return dap.session().current_frame ~= nil and dap.session().current_frame.name:find('end of stage')
  end)
  dap.continue()
  await('the failure', stopped_at(8))
  typed('exec', 'shell opens')
  local function shell_has(text)
    return function()
      return table.concat(buffer_lines('%[dap%-terminal%]'), '\n'):find(text, 1, true) ~= nil
    end
  end
  await('a shell in FAILED', shell_has('FAILED /app #'))
  for _, channel in ipairs(vim.api.nvim_list_chans()) do
    if channel.mode == 'terminal' then
      vim.api.nvim_chan_send(channel.id, 'ls /app; echo sum=$((40+2))\r')
    end
  end
  await('what it answers', shell_has('sum=42'))
  show('terminal', buffer_lines('%[dap%-terminal%]'))

  tell('the file is mended, and the build run again with other breakpoints')
  vim.fn.writefile(vim.tbl_map(function(line)
    return (line:gsub('missing.txt', 'greeting'))
  end, vim.fn.readfile('Dockerfile')), 'Dockerfile')
  dap.clear_breakpoints()
  local source = vim.fn.bufnr('Dockerfile')
  require('dap.breakpoints').set({ log_message = 'it says {GREETING} in {stage}' }, source, 7)
  require('dap.breakpoints').set({ condition = 'stage == "app"' }, source, 8)
  dap.session():set_breakpoints(require('dap.breakpoints').get())
  dap.restart()
  await('stopped in line 1', stopped_at(1))
  dap.continue()
  await('stopped where the condition holds', stopped_at(8))
  await('what the log point says', function()
    return table.concat(buffer_lines('dap-repl'), '\n'):find('it says hello in app', 1, true) ~= nil
  end)
  local hover
  dap.session():evaluate({ expression = '$GREETING', context = 'hover' }, function(_, answer)
    hover = answer
  end)
  await('a hover', function()
    return hover ~= nil and hover.result == 'hello'
  end)
  dap.reverse_continue()
  await('reverse, to the first step', stopped_at(1))
  show('REPL', buffer_lines('dap-repl'))
  dap.terminate()
  await('the session is over', function()
    return dap.session() == nil
  end)
  tell('seen all')
end

local ok, problem = pcall(session)
if not ok then
  tell('FAILED: ' .. tostring(problem))
  show('messages', vim.split(vim.fn.execute('messages'), '\n'))
end
vim.cmd(ok and 'qall!' or 'cquit 1')
