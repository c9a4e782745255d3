using Attune.Tokenizers.Components;

namespace Attune.Tokenizers.PostProcessors;

/// <summary>All post-processors that <c>tokenizer.json</c> can name.</summary>
internal static class PostProcessorTable
{
    /// <summary>The table: one line a post-processor.</summary>
    public static ComponentTable<IPostProcessor> All { get; } = new("post-processor", new()
    {
        ["BertProcessing"] = BertProcessing.Read,
        ["ByteLevel"] = ByteLevelProcessing.Read,
        ["RobertaProcessing"] = RobertaProcessing.Read,
        ["Sequence"] = fields => new PostProcessorSequence(All!.ReadAll(fields, "processors")),
        ["TemplateProcessing"] = TemplateProcessing.Read,
    });
}
