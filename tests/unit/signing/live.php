<?php
// What is signed, by PHP's own functions (PROTOCOL §1): json_decode, ksort in natural order, (string), hash_hmac.
//
// Each line of the input is a JSON list: ["sign", message as JSON text, secret] is answered by the text and its
// signature, ["compare", one, other] by -1, 0 or 1.

ini_set('precision', '14'); // PHP's default, and what the vectors were made with

function lines(array $tree, string $prefix = ''): array
{
    $lines = [];
    foreach ($tree as $key => $value) {
        if ($key === 'frame_mode') {
            continue;
        }
        $path = $prefix . str_replace(':', '::', (string) $key);
        if (is_array($value)) {
            $lines += lines($value, "$path:");
        } else {
            $lines[$path] = "$path:" . (is_bool($value) ? (int) $value : $value);
        }
    }
    return $lines;
}

function signed(string $message, string $secret): array
{
    $lines = lines(json_decode($message, true, 512, JSON_THROW_ON_ERROR));
    ksort($lines, SORT_NATURAL);
    $text = implode(';', $lines);
    return [$text, base64_encode(hash_hmac('sha512', $text, $secret, true))];
}

while (($asked = fgets(STDIN)) !== false) {
    [$what, $one, $other] = json_decode($asked, true, 512, JSON_THROW_ON_ERROR);
    $answer = $what === 'sign' ? signed($one, $other) : strnatcmp($one, $other) <=> 0;
    echo json_encode($answer, JSON_THROW_ON_ERROR), "\n";
}
