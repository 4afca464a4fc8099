# error: 2:1 Modules_ModuleNotFound,Import-Module The specified module 'MSOnline' was not loaded
Import-Module MSOnline
