using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;

namespace Attune.Backbones.Albert;

/// <summary>
/// Stacks whose layers share parameters: whole blocks by groups, as published models do (<c>sharing</c> = <c>all</c>, the default),
/// or <c>attention</c>, <c>feed-forward</c> or <c>none</c>, as the paper's table 4 compares them.
/// </summary>
internal static class SharedStack
{
    private const string Key = "sharing";

    public static Stack Build(PostNormEncoder encoder, JsonFields config)
    {
        if (encoder.PrunedHeads.Count > 0)
            throw config.Error(ConfigFields.PrunedHeadsKey, "none", "Layers that share their attention cannot lose heads one by one.");
        string sharing = config.String(Key, "all");
        return sharing switch
        {
            "all" => Grouped(encoder, config),
            "attention" => PartlyShared(encoder, encoder.Mixer(), null),
            "feed-forward" => PartlyShared(encoder, null, encoder.FeedForward()),
            "none" => PartlyShared(encoder, null, null),
            _ => throw config.Error(Key, "one of: all, attention, feed-forward, none"),
        };
    }

    private static Stack Grouped(PostNormEncoder encoder, JsonFields config)
    {
        int groups = config.Layers("num_hidden_groups", 1);
        int inner = config.Layers("inner_group_num", 1);
        if (groups > encoder.Layers)
            throw config.Error("num_hidden_groups", $"at most the number of layers, {encoder.Layers}");
        if (encoder.Layers * inner > ConfigFields.MaxLayers)
            throw config.Error("inner_group_num", $"a number that makes at most {ConfigFields.MaxLayers} blocks of {encoder.Layers} layers");
        Block[] blocks = [.. Enumerable.Range(0, groups * inner).Select(_ => encoder.Block(encoder.Mixer(), encoder.FeedForward()))];
        IEnumerable<Block> order = Enumerable.Range(0, encoder.Layers)
            .SelectMany(layer => blocks.AsSpan((int)((long)layer * groups / encoder.Layers) * inner, inner).ToArray());
        return new Stack([.. order], name: number => $"{number / inner}.{number % inner}");
    }

    private static Stack PartlyShared(PostNormEncoder encoder, ISequenceMixer? mixer, IFeedForward? feedForward) =>
        new([.. Enumerable.Range(0, encoder.Layers).Select(_ => encoder.Block(mixer ?? encoder.Mixer(), feedForward ?? encoder.FeedForward()))],
            name: number => $"{number}.0");
}
