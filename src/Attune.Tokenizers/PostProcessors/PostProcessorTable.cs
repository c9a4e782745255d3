using Attune.Formats;
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
        ["Sequence"] = ReadSequence,
        ["TemplateProcessing"] = TemplateProcessing.Read,
    });

    private static PostProcessorSequence ReadSequence(JsonFields fields)
    {
        var members = All.ReadAll(fields, "processors");
        // The published library fails on texts here, or nests the frames in a way that no published tokenizer relies on.
        if (members.Count(m => m is not ByteLevelProcessing) > 1) throw fields.Error("processors", "at most one processor that adds special tokens");
        return new PostProcessorSequence(members);
    }
}
