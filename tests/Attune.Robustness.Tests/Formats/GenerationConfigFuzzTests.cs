using Attune.Formats;
using Attune.Inference.Generation;
using Attune.Robustness.Tests.Fuzzing;
using Xunit;

namespace Attune.Robustness.Tests.Formats;

/// <summary>Damaged generation settings: they are read, or refused as what they are.</summary>
public sealed class GenerationConfigFuzzTests
{
    private static readonly byte[] Seed = """
        { "max_length": 142, "min_length": 56, "num_beams": 4, "early_stopping": "never", "length_penalty": 2.0, "num_return_sequences": 2, "do_sample": true,
          "temperature": 0.7, "top_k": 5, "top_p": 0.9, "typical_p": 0.8, "eos_token_id": [2, 3], "bad_words_ids": [[1], [2, 3]], "stop_strings": ["a"],
          "sequence_bias": [[[3, 4], -2.5]], "exponential_decay_length_penalty": [10, 1.5], "suppress_tokens": [4, 5], "forced_eos_token_id": 2 }
        """u8.ToArray();

    [Fact]
    public void Settings_are_read_or_refused() => ParserFuzzer.Run([Seed], bytes =>
        _ = GenerationConfig.Unknown(JsonFields.Parse(bytes, GenerationConfig.FileName))
            ?? GenerationConfig.Read(JsonFields.Parse(bytes, GenerationConfig.FileName), new GenerationOptions()).ToString());
}
