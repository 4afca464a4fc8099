# error: 4:18 System.InvalidOperationException Collection was modified
$ErrorActionPreference = 'Stop'
$ages = @{ a = 1; b = 2 }
foreach ($key in $ages.Keys) {
    $ages[$key] = 5
}
