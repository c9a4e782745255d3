using System.Globalization;
using System.Text.Json.Nodes;

namespace Attune.Quickstart;

/// <summary>The sizes of a quickstart, all of them functions of its options, so that a seed gives the same run on any machine.</summary>
internal sealed record QuickstartPlan
{
    public const int Vocabulary = 6000;
    public const int Width = 128;
    public const int Layers = 3;
    public const int RowLength = 128;
    public const int PretrainingBatch = 24;
    public const int FineTuningBatch = 16;
    public const int FineTuningEpochs = 6;
    public const int LongestSentence = 64;
    public const int TrainingSentencesPerArea = 40;
    public const int ValidationSentencesPerArea = 100;
    public const double PretrainingRate = 2e-3;
    public const double FineTuningRate = 5e-4;

    private const double StepsPerMinute = 500;

    public required long PretrainingSteps { get; init; }

    public static QuickstartPlan Of(QuickstartOptions options) => new()
    {
        PretrainingSteps = Math.Max(20, (long)(options.Minutes * StepsPerMinute)),
    };

    /// <summary>The configuration of the small BERT.</summary>
    public static JsonObject Config(int vocabulary, int paddingId) => new()
    {
        ["model_type"] = "bert",
        ["architectures"] = new JsonArray("BertForMaskedLM"),
        ["vocab_size"] = vocabulary,
        ["hidden_size"] = Width,
        ["num_hidden_layers"] = Layers,
        ["num_attention_heads"] = 4,
        ["intermediate_size"] = 4 * Width,
        ["max_position_embeddings"] = RowLength,
        ["type_vocab_size"] = 2,
        ["pad_token_id"] = paddingId,
        ["hidden_act"] = "gelu",
        ["hidden_dropout_prob"] = 0.0,
        ["attention_probs_dropout_prob"] = 0.0,
        ["classifier_dropout"] = 0.1,
        ["initializer_range"] = 0.02,
        ["layer_norm_eps"] = 1e-12,
        ["tie_word_embeddings"] = true,
    };

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"BERT with {Layers} layers of width {Width}, {PretrainingSteps} updates of {PretrainingBatch} rows of {RowLength} tokens");
}
