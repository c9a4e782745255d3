using System.Text;
using Attune.Formats;
using Attune.Inference.Generation;
using Xunit;

namespace Attune.Tests.Inference.Generation;

/// <summary>Settings in the words of Hugging Face's files.</summary>
public sealed class GenerationConfigTests
{
    [Fact]
    public void A_published_file_is_read()
    {
        GenerationOptions read = Read("""
            { "bos_token_id": 0, "decoder_start_token_id": 2, "early_stopping": true, "eos_token_id": [2, 5], "forced_bos_token_id": 0, "forced_eos_token_id": 2,
              "length_penalty": 2.0, "max_length": 142, "min_length": 56, "no_repeat_ngram_size": 3, "num_beams": 4, "pad_token_id": 1,
              "bad_words_ids": [[7], [8, 9]], "sequence_bias": [[[3, 4], -2.5]], "exponential_decay_length_penalty": [10, 1.5], "stop_strings": "END",
              "top_k": 0, "typical_p": 1.0 }
            """, new GenerationOptions { TopK = 5, TypicalP = 0.5f });
        Assert.Equal((142, int.MaxValue, 56), (read.MaxLength, read.MaxNewTokens, read.MinLength));
        Assert.Equal((4, 2f, EarlyStopping.WhenFull, 3), (read.Beams, read.LengthPenalty, read.EarlyStopping, read.NoRepeatNgram));
        Assert.Equal([2, 5], read.EndIds!);
        Assert.Equal((2, 0), (read.StartId, read.ForcedFirstId));
        Assert.Equal([2], read.ForcedLastIds);
        Assert.Equal([[7], [8, 9]], read.BadWords);
        Assert.Equal((-2.5f, 4), (read.SequenceBiases[0].Bias, read.SequenceBiases[0].Ids[1]));
        Assert.Equal(new LengthDecay(10, 1.5f), read.LengthDecay);
        Assert.Equal(["END"], read.StopStrings);
        Assert.Null(read.TopK);
        Assert.Null(read.TypicalP);
    }

    [Fact]
    public void Null_takes_a_setting_back_and_new_tokens_come_before_the_whole_length()
    {
        var options = new GenerationOptions { ForcedLastIds = [2], Beams = 4, EarlyStopping = EarlyStopping.Never };
        GenerationOptions read = Read("""{ "forced_eos_token_id": null, "num_beams": null, "early_stopping": null, "max_length": 9, "max_new_tokens": 5 }""", options);
        Assert.Empty(read.ForcedLastIds);
        Assert.Equal((1, EarlyStopping.WhenUnlikely, 5, null), (read.Beams, read.EarlyStopping, read.MaxNewTokens, read.MaxLength));
        Assert.Equal(EarlyStopping.Never, Read("""{ "early_stopping": "never" }""", options).EarlyStopping);
    }

    [Theory]
    [InlineData("""{ "early_stopping": "sometimes" }""", "early_stopping")]
    [InlineData("""{ "num_beams": 0 }""", "num_beams")]
    [InlineData("""{ "bad_words_ids": [[1], []] }""", "bad_words_ids")]
    [InlineData("""{ "bad_words_ids": 7 }""", "bad_words_ids")]
    [InlineData("""{ "sequence_bias": [[[1], "x"]] }""", "sequence_bias")]
    [InlineData("""{ "exponential_decay_length_penalty": [1] }""", "exponential_decay_length_penalty")]
    [InlineData("""{ "eos_token_id": "end" }""", "eos_token_id")]
    public void Fields_that_are_not_what_they_should_be_are_named(string json, string field) =>
        Assert.Contains(field, Assert.Throws<AttuneFormatException>(() => Read(json, new GenerationOptions())).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{ "num_beam_groups": 2, "num_beams": 2 }""", "num_beam_groups")]
    [InlineData("""{ "guidance_scale": 1.5 }""", "guidance_scale")]
    [InlineData("""{ "force_words_ids": [[1]] }""", "force_words_ids")]
    public void Settings_that_Attune_does_not_have_are_refused_by_name(string json, string field) =>
        Assert.Contains(field, Assert.Throws<AttuneFormatException>(() => GenerationConfig.ReadWhole(Fields(json), new GenerationOptions())).Message, StringComparison.Ordinal);

    [Fact]
    public void Settings_that_Attune_does_not_have_may_say_that_nothing_is_wanted()
    {
        JsonFields fields = Fields("""{ "num_beam_groups": 1, "diversity_penalty": 0.0, "guidance_scale": 1, "penalty_alpha": null, "num_beams": 3 }""");
        Assert.Null(GenerationConfig.Unknown(fields));
        Assert.Equal(3, GenerationConfig.ReadWhole(fields, new GenerationOptions()).Beams);
    }

    [Theory]
    [InlineData("""{ "num_beams": 2000000000 }""", "Beams")]
    [InlineData("""{ "temperature": 0 }""", "Temperature")]
    [InlineData("""{ "num_return_sequences": 3, "num_beams": 2 }""", "Returns")]
    public void Settings_that_cannot_be_are_the_fault_of_their_file(string json, string setting)
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("attune-generation-").FullName, GenerationConfig.FileName);
        try
        {
            File.WriteAllText(path, json);
            string message = Assert.Throws<AttuneFormatException>(() => GenerationConfig.Load(path, new GenerationOptions())).Message;
            Assert.Contains(path, message, StringComparison.Ordinal);
            Assert.Contains(setting, message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    [Fact]
    public void What_is_not_known_is_named()
    {
        Assert.Equal("penalty_alpha", GenerationConfig.Unknown(Fields("""{ "num_beams": 2, "pad_token_id": 0, "diversity_penalty": null, "penalty_alpha": 0.5 }""")));
        Assert.Null(GenerationConfig.Unknown(Fields("""{ "num_beams": 2 }""")));
    }

    private static GenerationOptions Read(string json, GenerationOptions options) => GenerationConfig.Read(Fields(json), options);

    private static JsonFields Fields(string json) => JsonFields.Parse(Encoding.UTF8.GetBytes(json), GenerationConfig.FileName);
}
