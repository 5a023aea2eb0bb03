;;; emacs-session.el --- A build debugged by dape, and what was seen  -*- lexical-binding: t -*-
;;; Commentary:
;; emacs -nw -Q -l …/demo/editors/emacs/bktui.el -l THIS DOCKERFILE REPORT, in a terminal of 160x50. What is seen goes to REPORT, whose last
;; line is "seen all" when all was as it is to be.
;;; Code:

(require 'dape)
(require 'subr-x)

(defvar report (pop command-line-args-left))
(defvar file (pop command-line-args-left))

(defun tell (format &rest args)
  "Append FORMAT with ARGS to the report."
  (write-region (concat (apply #'format format args) "\n") nil report 'append 'quiet))

(defun show (what text)
  "Tell TEXT under the title WHAT."
  (tell "== %s" what)
  (dolist (line (split-string (string-trim-right (or text "")) "\n"))
    (tell "   %s" line)))

(defun text-of (buffer)
  "What is in BUFFER, a name or the beginning of one."
  (let ((found (seq-find (lambda (each) (string-prefix-p buffer (buffer-name each)))
                         (buffer-list))))
    (if found (with-current-buffer found (buffer-substring-no-properties (point-min) (point-max))) "")))

(defun await (what test)
  "Wait until TEST holds, whose name is WHAT; without it the session ends as failed."
  (let ((end (+ (float-time) 30)) value)
    (while (and (not (setq value (funcall test))) (< (float-time) end))
      (sit-for 0.05))
    (unless value
      (tell "NEVER SEEN: %s" what)
      (dolist (buffer '("*dape-repl*" "*dape-info" "*dape-shell*" "*dape-connection stderr*" "*Messages*"))
        (show buffer (text-of buffer)))
      (kill-emacs 1))
    (tell "-- %s" what)
    value))

(defun await-text (buffer pattern)
  "Wait until BUFFER has PATTERN, and show it."
  (await (format "%s has %S" buffer pattern)
         (lambda () (string-match-p pattern (text-of buffer)))))

(defun conn () (dape--live-connection 'last t))

(defun await-stop (line)
  "Wait until dape shows that the build is stopped in LINE."
  (await (format "stopped in line %s" line)
         (lambda ()
           (and-let* ((conn (conn))
                      (frame (and (dape--stopped-threads conn) (dape--current-stack-frame conn))))
             (and (equal (plist-get frame :line) line)
                  (overlayp dape--stack-position-overlay)
                  (overlay-buffer dape--stack-position-overlay))))))

(defvar dape--stack-position-overlay nil)

(defun info (mode title pattern)
  "Show dape's buffer of MODE, which is called TITLE, when it has PATTERN."
  (dape--display-buffer (dape--info-get-buffer-create mode))
  (dape-info-update)
  (await-text title pattern)
  (show title (text-of title)))

(defun typed (text pattern)
  "Type TEXT into dape's REPL, and wait for PATTERN behind it."
  (with-current-buffer "*dape-repl*"
    (let ((before (point-max)))
      (goto-char (point-max))
      (insert text)
      (comint-send-input)
      (await (format "%s answers %S" text pattern)
             (lambda () (with-current-buffer "*dape-repl*"
                          (save-excursion (goto-char before) (re-search-forward pattern nil t)))))
      (show (format "REPL: %s" text) (buffer-substring-no-properties before (point-max))))))

(defun at-line (line act)
  "Do ACT with the cursor in LINE of the Dockerfile."
  (with-current-buffer (find-buffer-visiting file)
    (goto-char (point-min))
    (forward-line (1- line))
    (funcall act)))

(defun session ()
  "From the start to the end."
  (find-file file)
  (at-line 3 #'dape-breakpoint-toggle)
  (at-line 4 #'dape-breakpoint-toggle)
  (dape (dape--config-eval 'bktui nil))
  (await-stop 1)
  (info 'dape-info-threads-mode "*dape-info Threads" "stopped")
  (info 'dape-info-sources-mode "*dape-info Sources" "Dockerfile")
  (info 'dape-info-breakpoints-mode "*dape-info Breakpoints" "Dockerfile")
  (call-interactively #'dape-continue)
  (await-stop 3)
  (info 'dape-info-stack-mode "*dape-info Stack" "RUN echo")
  (show "*dape-info Breakpoints" (text-of "*dape-info Breakpoints"))
  (call-interactively #'dape-next)
  (await-text "*dape-info Stack" "end of stage base")
  (typed "back" "line 3")
  (await-stop 3)
  (await-text "*dape-info Scope" "GREETING")
  (show "*dape-info Scope" (text-of "*dape-info Scope"))
  (typed "env GREETING" "hello")
  (tell "continue leads to where the build really is, then on")
  (call-interactively #'dape-continue)
  (await-text "*dape-info Stack" "end of stage base")
  (call-interactively #'dape-continue)
  (await-stop 6)
  (call-interactively #'dape-continue)
  (await-stop 8)
  (await-text "*dape-repl*" "exit code 1")
  (info 'dape-info-stack-mode "*dape-info Stack" "test -s missing.txt")
  (typed "exec" "shell opens")
  (await-text "*dape-shell*" "FAILED")
  (process-send-string (get-buffer-process "*dape-shell*") "ls /app; echo sum=$((40+2))\n")
  (await-text "*dape-shell*" "sum=42")
  (show "*dape-shell*" (text-of "*dape-shell*"))
  (tell "the file is mended, and the build run again with other breakpoints")
  (with-current-buffer (find-buffer-visiting file)
    (goto-char (point-min))
    (search-forward "missing.txt")
    (replace-match "greeting")
    (save-buffer))
  (dape-breakpoint-remove-all)
  (at-line 2 (lambda () (dape-breakpoint-expression "stage == \"nowhere\"")))
  (at-line 7 (lambda () (dape-breakpoint-log "it says {GREETING} in {stage}")))
  (at-line 8 (lambda () (dape-breakpoint-expression "stage == \"app\"")))
  (call-interactively #'dape-restart)
  (await-stop 1)
  (typed "why" "Breakpoint [0-9]+: line [0-9]+")
  (call-interactively #'dape-continue)
  (await-stop 8)
  (await-text "*dape-repl*" "it says hello in app")
  (dape-watch-dwim "$GREETING" nil nil t)
  (dape-watch-dwim "/app/greeting" nil nil t)
  (await-text "*dape-info Watch" "hello")
  (show "*dape-info Watch" (text-of "*dape-info Watch"))
  (with-current-buffer "*dape-repl*"
    (goto-char (point-max))
    (insert "bre")
    (let ((found (seq-filter (lambda (each) (string-prefix-p "bre" each))
                             (mapcar #'car (nth 2 (dape--repl-completion-at-point))))))
      (show "completion of bre" (string-join found " "))
      (await "the command break is among them" (lambda () (member "break" found))))
    (delete-char -3))
  (let ((conn (conn)))
    (call-interactively #'dape-continue)
    (await-text "*dape-repl*" "Exit code 0")
    (await "the adapter has ended" (lambda () (not (jsonrpc-running-p conn)))))
  (show "*dape-repl*" (text-of "*dape-repl*"))
  (tell "seen all"))

(setq dape-request-timeout 60)
(setq make-backup-files nil create-lockfiles nil)
(add-hook 'emacs-startup-hook
          (lambda ()
            (condition-case error
                (progn (session) (kill-emacs 0))
              (error (tell "FAILED: %S" error)
                     (dolist (buffer '("*dape-repl*" "*Messages*")) (show buffer (text-of buffer)))
                     (kill-emacs 1)))))

;;; emacs-session.el ends here
