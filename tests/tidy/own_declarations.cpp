// A plugin of clang-tidy: has it look at our declarations, and not at those of libraries' headers
// too, which take most of its time and about which it says nothing anyway. Newer versions of
// clang-tidy do that by themselves.
#include <clang/AST/ASTConsumer.h>
#include <clang/AST/ASTContext.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/FrontendPluginRegistry.h>
#include <memory>
#include <string>
#include <vector>

namespace {

class own_declarations_only : public clang::ASTConsumer {
public:
  /// Comes before those of the checks.
  void HandleTranslationUnit(clang::ASTContext& context) override {
    const auto& sources = context.getSourceManager();
    std::vector<clang::Decl*> own;
    for (auto* each : context.getTranslationUnitDecl()->decls()) {
      const auto place = sources.getExpansionLoc(each->getLocation());
      if (place.isValid() && !sources.isInSystemHeader(place))
        own.push_back(each);
    }
    context.setTraversalScope(own);
  }
};

class own_declarations_action : public clang::PluginASTAction {
protected:
  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& /*compiler*/,
                                                        llvm::StringRef /*file*/) override {
    return std::make_unique<own_declarations_only>();
  }

  bool ParseArgs(const clang::CompilerInstance& /*compiler*/,
                 const std::vector<std::string>& /*arguments*/) override {
    return true;
  }

  ActionType getActionType() override { return AddBeforeMainAction; }
};

const clang::FrontendPluginRegistry::Add<own_declarations_action> registered{"own-declarations",
                                                                             "look at ours only"};

} // namespace
