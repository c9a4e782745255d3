namespace Attune.Nn.Contracts;

/// <summary>Whether a backbone can be trained on an objective or task, and if not, what it lacks.</summary>
public static class Fit
{
    /// <summary>What a learnable needs and a backbone does not offer; <see cref="Capabilities.None"/> if they fit.</summary>
    public static Capabilities Missing(Capabilities offered, ILearnable learnable) => learnable.Requires & ~offered;

    /// <summary>Names capabilities as messages do, such as <c>causal, memory</c>.</summary>
    public static string Describe(Capabilities capabilities) => string.Join(", ", Enum.GetValues<Capabilities>()
        .Where(c => c != Capabilities.None && capabilities.HasFlag(c))
        .Select(Name));

    /// <summary>Refuses a model that cannot be trained on a learnable.</summary>
    /// <exception cref="ArgumentException">The backbone lacks a capability, or the model a head; the message names it.</exception>
    public static void Require(Model model, ILearnable learnable)
    {
        Capabilities missing = Missing(model.Backbone.Capabilities, learnable);
        if (missing != Capabilities.None)
            throw new ArgumentException(
                $"'{learnable.Name}' needs a backbone that is {Describe(missing)}; this one is {Describe(model.Backbone.Capabilities)}.", nameof(model));
        foreach (HeadRequest head in learnable.Heads)
        {
            if (!model.HasHead(head.Kind))
                throw new ArgumentException(
                    $"'{learnable.Name}' trains a '{head.Kind}' head; the model has: {string.Join(", ", model.Heads.Select(h => h.Kind.Name))}.", nameof(model));
        }
    }

    private static string Name(Capabilities capability) => capability switch
    {
        Capabilities.Bidirectional => "bidirectional",
        Capabilities.Causal => "causal",
        Capabilities.EncoderDecoder => "encoder-decoder",
        Capabilities.TwoStream => "two-stream",
        Capabilities.Memory => "with memory",
        Capabilities.FeatureMap => "with feature maps",
        Capabilities.ReplaceableEmbeddings => "with replaceable embeddings",
        Capabilities.Tokens => "fed with tokens",
        Capabilities.FreeMask => "with free masks",
        Capabilities.Entities => "fed with entities",
        Capabilities.Images => "fed with images",
        Capabilities.Unordered => "blind to order",
        _ => capability.ToString(),
    };
}
