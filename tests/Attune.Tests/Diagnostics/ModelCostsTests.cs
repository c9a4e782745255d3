using Attune.Diagnostics;
using Attune.Formats;
using Xunit;

namespace Attune.Tests.Diagnostics;

/// <summary>Costs of published configurations, to the last digit, without their memory.</summary>
public sealed class ModelCostsTests : IDisposable
{
    private const string BertBase =
        """{"model_type": "bert", "architectures": ["BertModel"], "vocab_size": 30522, "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072, "max_position_embeddings": 512, "type_vocab_size": 2}""";

    private readonly string folder = Directory.CreateTempSubdirectory("attune-costs-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Bert_base_has_the_published_number_of_parameters() => Assert.Equal(109_482_240, Of(BertBase).Parameters);

    [Fact]
    public void Bert_large_has_the_published_number_of_parameters() => Assert.Equal(
        335_141_888,
        Of(BertBase.Replace("768", "1024", StringComparison.Ordinal).Replace("\"num_hidden_layers\": 12", "\"num_hidden_layers\": 24", StringComparison.Ordinal)
            .Replace("\"num_attention_heads\": 12", "\"num_attention_heads\": 16", StringComparison.Ordinal).Replace("3072", "4096", StringComparison.Ordinal)).Parameters);

    [Fact]
    public void Gpt2_counts_its_tied_table_once() => Assert.Equal(
        124_439_808,
        Of("""{"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 50257, "n_embd": 768, "n_layer": 12, "n_head": 12, "n_positions": 1024}""").Parameters);

    [Theory]
    [InlineData("""{"model_type": "bart", "architectures": ["BartForSequenceClassification"], "vocab_size": 40, "d_model": 8, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 8, "decoder_ffn_dim": 8, "max_position_embeddings": 16, "eos_token_id": 2}""")]
    [InlineData("""{"model_type": "t5", "architectures": ["T5ForSequenceClassification"], "vocab_size": 40, "d_model": 8, "d_kv": 4, "d_ff": 8, "num_layers": 1, "num_heads": 2}""")]
    public void Classifiers_that_read_an_end_token_are_given_one(string config) => Assert.True(Of(config).MultiplyAdds > 0);

    [Fact]
    public void Parts_make_up_the_whole_and_blocks_are_one_part()
    {
        var costs = Of(BertBase);
        Assert.Equal(["embedding", "layers", "pooler"], costs.Parts.Select(part => part.Part));
        Assert.Equal(12 * 7_087_872, costs.Parts[1].Parameters);
    }

    [Fact]
    public void Multiply_adds_are_those_of_the_products()
    {
        const long rows = 8 * 128, width = 768, inner = 3072;
        // Four projections and the feed-forward for each row, scores and their sums for each pair, and a pooler for each sequence.
        const long block = (rows * ((4 * width * width) + (2 * width * inner))) + (2 * 8 * 128 * 128 * width);
        Assert.Equal((12 * block) + (8 * width * width), Of(BertBase, sequences: 8, length: 128).MultiplyAdds);
    }

    [Fact]
    public void A_baseline_counts_one_score_for_each_row_of_the_generator()
    {
        string Electra(string architecture) =>
            $$"""{"model_type": "electra", "architectures": ["{{architecture}}"], "vocab_size": 40, "embedding_size": 16, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 32, "max_position_embeddings": 32, "generator_hidden_size": 0.5}""";
        ModelCosts without = Of(Electra("ElectraForPreTrainingWithGenerator"), sequences: 3, length: 10), with = Of(Electra("ElectraForAdversarialPreTraining"), sequences: 3, length: 10);
        Assert.Equal(["replaced-token", "generator"], without.Heads);
        Assert.Equal(["replaced-token", "generator", "generator-baseline"], with.Heads);
        Assert.Equal(without.MultiplyAdds + (3 * 10 * 8), with.MultiplyAdds);
    }

    [Fact]
    public void A_batch_twice_as_large_has_twice_the_results()
    {
        Assert.Equal(2 * Of(BertBase, sequences: 3).ResultBytes, Of(BertBase, sequences: 6).ResultBytes);
        Assert.Equal(Of(BertBase).WeightBytes, Of(BertBase, sequences: 6).WeightBytes);
    }

    [Fact]
    public void A_sequence_longer_than_the_positions_is_refused() => Assert.Throws<ArgumentException>(() => Of(BertBase, length: 513));

    [Fact]
    public void A_configuration_that_is_missing_is_named() =>
        Assert.Contains("config.json", Assert.Throws<AttuneFormatException>(() => ModelCosts.Of(folder)).Message, StringComparison.Ordinal);

    private ModelCosts Of(string config, int sequences = 1, int? length = null)
    {
        var path = Path.Combine(folder, "config.json");
        File.WriteAllText(path, config);
        return ModelCosts.Of(path, sequences, length);
    }
}
