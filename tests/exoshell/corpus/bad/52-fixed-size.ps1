# error: 3:1 MethodInvocationException Collection was of a fixed size.
$names = @('a', 'b')
$names.Add('c')
