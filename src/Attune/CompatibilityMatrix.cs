using Attune.Backbones;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;

namespace Attune;

/// <summary>Whether a backbone can be trained on an objective or task.</summary>
/// <param name="Backbone">The family's name.</param>
/// <param name="Learnable">The name of the objective or task.</param>
/// <param name="IsTask">Whether it is a task.</param>
/// <param name="Missing">What the backbone lacks, in words; null if they fit.</param>
public sealed record CompatibilityCell(string Backbone, string Learnable, bool IsTask, string? Missing)
{
    /// <summary>Whether they fit.</summary>
    public bool Fits => Missing is null;
}

/// <summary>Whether a mixer can stand in a backbone's blocks.</summary>
/// <param name="Backbone">The family's name.</param>
/// <param name="Mixer">The mixer's name.</param>
/// <param name="Missing">Why it cannot, in words; null if it can.</param>
public sealed record MixerCell(string Backbone, string Mixer, string? Missing)
{
    /// <summary>Whether it can.</summary>
    public bool Fits => Missing is null;
}

/// <summary>Which objectives and tasks fit which backbones: the catalog's axes are independent, and this is where they meet.</summary>
public static class CompatibilityMatrix
{
    /// <summary>Every backbone with every objective and every task, row by row.</summary>
    public static IEnumerable<CompatibilityCell> Cells()
    {
        foreach (IFamily family in Catalog.Backbones.All)
        {
            foreach (LearnableEntry<IObjective> objective in Catalog.Objectives.All)
                yield return new CompatibilityCell(family.ModelType, objective.Name, IsTask: false, Missing(family, objective.Sample));
            foreach (LearnableEntry<ITask> task in Catalog.Tasks.All)
                yield return new CompatibilityCell(family.ModelType, task.Name, IsTask: true, Missing(family, task.Sample));
        }
    }

    /// <summary>Every backbone with every mixer, row by row. A mixer that fits does so under every objective and task of the backbone that
    /// needs nothing of its own mixers: memory, a second stream and free masks go with those.</summary>
    public static IEnumerable<MixerCell> MixerCells()
    {
        foreach (IFamily family in Catalog.Backbones.All)
        {
            foreach (MixerKind mixer in Catalog.Mixers.All)
                yield return new MixerCell(family.ModelType, mixer.Name, Missing(family, mixer));
        }
    }

    /// <summary>Why a mixer cannot stand in a family's blocks, in words; null if it can.</summary>
    public static string? Missing(IFamily family, MixerKind mixer)
    {
        if (!family.HasReplaceableMixers)
            return "has blocks of its own";
        Capabilities missing = mixer.Missing(family.Capabilities);
        return missing == Capabilities.None ? null : $"needs a mixer that is {Fit.Describe(missing)}";
    }

    /// <summary>What a family lacks for an objective or task, in words; null if they fit.</summary>
    public static string? Missing(IFamily family, ILearnable learnable)
    {
        Capabilities missing = Fit.Missing(family.Capabilities, learnable);
        if (missing != Capabilities.None)
            return "is not " + Fit.Describe(missing);
        HashSet<HeadKind> offered = [.. family.Architectures.Values.SelectMany(kinds => kinds)];
        HeadRequest? head = learnable.Heads.FirstOrDefault(request => !offered.Contains(request.Kind));
        return head is null ? null : $"has no {head.Kind} head";
    }
}
