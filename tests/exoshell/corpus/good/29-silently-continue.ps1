# An error that nobody wants to see, and what it left in $Error.
# out: errors: 1
# out: went on
$Error.Clear()
Remove-InboundConnector -Identity Nobody -Confirm:$false -ErrorAction SilentlyContinue
"errors: $($Error.Count)"
'went on'
