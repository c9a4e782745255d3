using Xunit;

namespace Attune.Parity.Tests;

/// <summary>Every golden case of the repository: outputs, gradients and optimizer steps within the tolerances of its own file.</summary>
public sealed class GoldenCaseTests
{
    /// <summary>Folders of cases, and how many of each pass. Those below are not all known yet; what is known may not fail.</summary>
    public static TheoryData<string, int> Folders => new()
    {
        { "albert", 3 }, { "bart", 3 }, { "bert", 6 }, { "distilbert", 3 }, { "electra", 3 }, { "ernie", 3 }, { "gpt2", 3 }, { "gpt_neo", 1 },
        { "openai-gpt", 2 }, { "roberta", 3 }, { "t5", 4 },
        { "layers", 40 }, { "losses", 7 }, { "optim", 9 }, { "schedules", 1 }, { "flops", 2 }, { "generation", 5 }, { "objectives", 6 },
    };

    [Theory]
    [MemberData(nameof(Folders))]
    public void Cases_agree_with_the_reference(string folder, int passing)
    {
        ParityResult[] results = [.. new ParityRunner().Run(Goldens.Folder(folder))];
        Assert.Empty(results.Where(r => r.Status == ParityStatus.Failed).Select(r => $"{r.Case}: {r.Message}"));
        Assert.True(results.Count(r => r.Status == ParityStatus.Passed) >= passing,
            $"{passing} cases should pass; {string.Join(", ", results.Where(r => r.Status == ParityStatus.Unknown).Select(r => $"{r.Case}: {r.Message}"))}");
    }
}
