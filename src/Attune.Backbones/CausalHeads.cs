using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.OutputHeads;
using Attune.Nn.Parameters;

namespace Attune.Backbones;

/// <summary>The heads that GPT and its relatives have in the same form.</summary>
internal static class CausalHeads
{
    /// <summary>Makes a head; null for a kind that is not common to them.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="embedding">The embedding, whose table the output is tied to.</param>
    /// <param name="width">The model's width.</param>
    /// <param name="initializer">What weights start from.</param>
    /// <param name="request">The head.</param>
    public static IHead? Common(JsonFields config, TokenEmbedding embedding, int width, Initializer initializer, HeadRequest request) => request.Kind switch
    {
        var kind when kind == HeadKind.CausalLm =>
            new VocabularyHead(kind, embedding.Tokens, config.Bool("tie_word_embeddings", true), bias: false),
        var kind when kind == HeadKind.SequenceClassification =>
            new LastTokenClassificationHead(width, request.Classes, config.TokenId("pad_token_id"), initializer),
        _ => null,
    };
}
