using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.OutputHeads;
using Attune.Nn.Parameters;
using Attune.Tensors.Ops;

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
        var kind when kind == HeadKind.CausalLm => LanguageModel(embedding.Tokens, config.Bool("tie_word_embeddings", true), initializer),
        var kind when kind == HeadKind.SequenceClassification =>
            new LastTokenClassificationHead(width, request.Classes, config.TokenId("pad_token_id"), initializer),
        _ => null,
    };

    /// <summary>The score of a choice, read from its last token (or another that a reference names); null for another kind.</summary>
    /// <param name="config">The configuration; its summary must be a linear map to the score, which is what both GPTs were published with.</param>
    /// <param name="width">The model's width.</param>
    /// <param name="initializer">What weights start from.</param>
    /// <param name="request">The head.</param>
    public static IHead? ChoiceOrNull(JsonFields config, int width, Initializer initializer, HeadRequest request)
    {
        if (request.Kind != HeadKind.MultipleChoice)
            return null;
        SummaryShape summary = config.Summary("cls_index");
        if (summary.Kind != SummaryKind.Last)
            throw config.Error("summary_type", "last or cls_index");
        foreach (string key in (string[])["summary_use_proj", "summary_proj_to_labels"])
        {
            if (!config.Bool(key, true))
                throw config.Error(key, "true");
        }
        if (summary.Activation != Activation.None)
            throw config.Error("summary_activation", "none");
        return new SummaryHead(request.Kind, width, 1, summary with { Projects = false }, initializer);
    }

    private static VocabularyHead LanguageModel(Parameter tokens, bool tied, Initializer initializer) =>
        new(HeadKind.CausalLm, OutputTable.Of(tokens, tied, initializer), tied, bias: false);
}
