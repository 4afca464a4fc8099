# error: 3:14 ParameterArgumentValidationErrorNullNotAllowed Cannot bind argument to parameter 'Identity' because it is null.
$connector = $null
$connector | Set-InboundConnector -Enabled $false
