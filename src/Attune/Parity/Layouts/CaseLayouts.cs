using Attune.Backbones;

namespace Attune.Parity.Layouts;

/// <summary>All layouts of golden cases, in the order in which they are tried.</summary>
internal static class CaseLayouts
{
    public static IReadOnlyList<ICaseLayout> All(IReadOnlyList<IFamily> families) =>
    [
        new TokenizerLayout(),
        new TokenizerComponentLayout(),
        new SentenceEmbeddingLayout(families),
        new FaultyLayout(),
        new CostLayout(families),
        new ScheduleLayout(),
        new LogitsProcessorLayout(),
        new GenerationLayout(families),
        new GradientClippingLayout(),
        new OptimizerLayout(),
        new OperationLayout(),
        new HeadPruningLayout(families),
        new ModelLayout(families),
        new UnknownLayout(),
        new VectorFilesLayout(),
    ];
}
