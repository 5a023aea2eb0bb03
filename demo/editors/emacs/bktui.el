;;; bktui.el --- Debug container builds with dape  -*- lexical-binding: t -*-
;;; Commentary:
;; For your init file. M-x dape RET bktui RET in a Dockerfile stops before its first step.
;; Any key of a launch entry can be typed behind it, e.g.: bktui :target "app"
;;; Code:

(with-eval-after-load 'dape
  (add-to-list 'dape-configs
               `(bktui
                 modes (dockerfile-mode dockerfile-ts-mode)
                 ensure dape-ensure-command
                 command "bktui"
                 command-args ["dap" "build"]
                 command-cwd dape-command-cwd
                 :type "bktui"
                 :request "launch"
                 :dockerfile dape-buffer-default
                 :contextPath dape-cwd
                 :stopOnEntry t)))

;;; bktui.el ends here
